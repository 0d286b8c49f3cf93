import assert from 'node:assert/strict';
import test from 'node:test';
import { withoutEdges } from '../editor/edges.mjs';

const text = (value, ...marks) => ({ type: 'text', text: value, ...(marks.length ? { marks: marks.map((type) => ({ type })) } : {}) });
const line = { type: 'hardbreak' };
const paragraph = (...content) => (content.length ? { type: 'paragraph', content } : { type: 'paragraph' });

for (const [name, before, after] of [
  ['afterBreak', [text('One'), line, text(' two')], [text('One'), line, text('two')]],
  ['beforeBreak', [text('One\t '), line, text('two')], [text('One'), line, text('two')]],
  ['bothEnds', [text('  One ')], [text('One')]],
  ['insideLine', [text('One  two')], [text('One  two')]],
  ['marked', [text('One'), line, text(' '), text(' two ', 'strong')], [text('One'), line, text('two', 'strong')]],
  ['blankLastLine', [text('One'), line, text('  '), line, text(' ')], [text('One')]],
  ['blankMiddleLine', [text('One'), line, text('  '), line, text('two')], [text('One'), line, line, text('two')]],
  ['code', [text(' x ', 'inlineCode')], [text(' x ', 'inlineCode')]],
  ['protectedSpace', [text('\u00a0One')], [text('\u00a0One')]],
  ['nothingElse', [text('  ')], []],
]) {
  test(`withoutEdges_${name}`, () => assert.deepEqual(withoutEdges(paragraph(...before)), paragraph(...after)));
}

test('withoutEdges_nested_reachesEveryParagraphButNoCode', () => {
  const code = { type: 'code_block', content: [text('  indented ')] };
  const list = (value) => ({ type: 'bullet_list', content: [{ type: 'list_item', content: [paragraph(text(value)), code] }] });
  assert.deepEqual(withoutEdges(list(' One ')), list('One'));
});
