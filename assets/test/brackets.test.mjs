import assert from 'node:assert/strict';
import test from 'node:test';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkStringify from 'remark-stringify';
import { unified } from 'unified';
import { keepEscapedBrackets, writeText } from '../editor/brackets.mjs';

const remark = unified().use(remarkParse).use(remarkStringify, { handlers: { text: writeText }, bullet: '-' }).use(remarkGfm).use(keepEscapedBrackets);
const roundTrip = (text) => remark.stringify(remark.runSync(remark.parse(text), text)).replace(/\n$/, '');

for (const text of [
  'Publish by [31 January / 31 March] a table.',
  '[all of it]',
  'nested [a [b] c] and \\[not a bracket\\]',
  '**[strong]** and *[em]*, `[code]`',
  'a [link](http://example.org/x) and [bracket], [another]',
  '[a]\\(b)',
  '[a]\\: b',
  'see[^1]\n\n[^1]: note [x]',
  '| a    | b   |\n| ---- | --- |\n| \\[x] | [y] |',
  '- [x] done\n- [ ] open [b]',
  '[жақшаның ішінде / в скобках]',
]) {
  test(`writeText_roundTrip ${text.slice(0, 20)}`, () => assert.equal(roundTrip(text), text));
}

test('keepEscapedBrackets_addressIsNotProse', () => {
  const link = remark.runSync(remark.parse('[x](<a\\[b> "t\\]")')).children[0].children[0];
  assert.equal(link.url, 'a[b');
  assert.equal(link.title, 't]');
});
