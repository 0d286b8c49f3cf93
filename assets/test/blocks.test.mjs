import assert from 'node:assert/strict';
import test from 'node:test';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { align, cut, reassemble } from '../editor/blocks.mjs';

const parser = unified().use(remarkParse).use(remarkGfm);

function parts(source) {
  const nodes = parser.parse(source).children.filter((n) => n.type !== 'definition');
  const spans = nodes.map((n) => ({ start: n.position.start.offset, end: n.position.end.offset }));
  return cut(source, spans);
}

const kept = (n) => ({ same: n, replaces: null });
const fresh = (text, replaces = null) => ({ same: null, replaces, text });
const texts = (cutting) => cutting.blocks.map((b) => b.text);
const identity = (cutting) => cutting.blocks.filter((b) => b.node !== null).map((_, n) => kept(n));

const AWKWARD = [
  '',
  '\n\n',
  'One.',
  '\n\n  One, indented.\n\n\n\nTwo.   \n',
  '# Heading\nParagraph at once\n***\n- a\n- b\n\n\n1) x\n\n   y\n2) z\n',
  'Before\n\n```\ncode\n\n\nmore\n```\nAfter\n',
  '~~~~md\n```\n\n```\n~~~~\n\n    indented code\n\n    still\n\nEnd',
  '| a | b |\n|:--|--:|\n| 1   | [2] |\n\ntext[^1]\n\n[^1]: A note.\n\n    Its second paragraph.\n\n[^2]: Other\n',
  '> quoted\nlazy\n\n<div>\n\nx\n\n</div>\n\n[ref]: http://example.org "t"\n[b]: /b\n\nsee [ref]\n',
  'Setext\n===\n\nHard  \nbreak\\\nhere\n\n* * *\n\n* star\n+ plus\n- dash\n',
  'Тәуелсіздік – [2010 жылғы 31 қаңтар]\n\n\t\n\nРусский текст\n',
];

for (const source of AWKWARD) {
  test(`cut_nothingTouched_keepsEveryByte ${JSON.stringify(source.slice(0, 24))}`, () => {
    const cutting = parts(source);
    assert.equal(cutting.separators.length, cutting.blocks.length + 1);
    assert.equal(reassemble(cutting, identity(cutting)), source);
  });
  test(`reassemble_oneTouched_keepsTheOthers ${JSON.stringify(source.slice(0, 24))}`, () => {
    const cutting = parts(source);
    const plan = identity(cutting);
    for (let n = 0; n < plan.length; n += 1) {
      const out = reassemble(cutting, plan.map((p, k) => (k === n ? fresh('NEW', n) : p)));
      let from = 0;
      for (const block of cutting.blocks) {
        const text = block.node === n ? 'NEW' : block.text;
        const at = out.indexOf(text, from);
        assert.notEqual(at, -1, `${JSON.stringify(text)} is missing in ${JSON.stringify(out)}`);
        from = at + text.length;
      }
    }
  });
}

test('cut_fence_isOneBlock', () => {
  assert.deepEqual(texts(parts('a\n\n```\nb\n\nc\n```\n\nd\n')), ['a', '```\nb\n\nc\n```', 'd']);
});

test('cut_spansThatDoNotFit_areRefused', () => {
  assert.equal(cut('abc', [{ start: 0, end: 3 }, { start: 1, end: 2 }]), null);
});

test('cut_definitions_areHiddenBlocks', () => {
  const cutting = parts('see [r]\n\n[r]: /x\n\nend\n');
  assert.deepEqual(cutting.blocks.map((b) => b.node), [0, null, 1]);
  assert.equal(reassemble(cutting, [kept(1)]), '[r]: /x\n\nend\n');
});

test('align_changeInTheMiddle_isAReplacement', () => {
  assert.deepEqual(align(['a', 'b', 'c'], ['a', 'x', 'c']), [
    { same: 0, replaces: null }, { same: null, replaces: 1 }, { same: 2, replaces: null }]);
});

test('align_insertionAndMove_areFound', () => {
  assert.deepEqual(align(['a', 'b', 'c'], ['a', 'n', 'b', 'c']).map((p) => p.same), [0, null, 1, 2]);
  assert.deepEqual(align(['a', 'b', 'c'], ['c', 'a', 'b']).map((p) => p.same), [2, 0, 1]);
  assert.deepEqual(align(['a', 'a'], ['a', 'a', 'a']).map((p) => p.same), [0, 1, null]);
});

test('reassemble_touchedBlock_keepsOddSpacingAround', () => {
  const cutting = parts('one\n\n\n\n  two  \n\n \nthree\n\n\n');
  assert.equal(reassemble(cutting, [kept(0), fresh('TWO', 1), kept(2)]), 'one\n\n\n\nTWO\n\n \nthree\n\n\n');
});

test('reassemble_touchedBeforeTightNeighbour_getsABlankLine', () => {
  const cutting = parts('# H\ntext\n');
  assert.equal(reassemble(cutting, [fresh('New', 0), kept(1)]), 'New\n\ntext\n');
});

test('reassemble_newAndDeletedBlocks', () => {
  const cutting = parts('a\n\nb\n\nc\n');
  assert.equal(reassemble(cutting, [kept(0), fresh('n'), kept(1), kept(2)]), 'a\n\nn\n\nb\n\nc\n');
  assert.equal(reassemble(cutting, [kept(0), kept(2)]), 'a\n\nc\n');
  assert.equal(reassemble(cutting, [kept(0), fresh(''), kept(1), kept(2)]), 'a\n\nb\n\nc\n');
  assert.equal(reassemble(parts(''), [fresh('a')]), 'a');
});

test('reassemble_newListBesideAList_getsAnotherMarker', () => {
  const cutting = parts('- a\n- b\n\ntext\n');
  assert.equal(reassemble(cutting, [kept(0), fresh('- x\n  - y\n- z')]), '- a\n- b\n\n* x\n  - y\n* z\n');
  assert.equal(reassemble(cutting, [fresh('- x'), kept(0), kept(1)]), '* x\n\n- a\n- b\n\ntext\n');
});

test('reassemble_rewrittenList_keepsItsMarker', () => {
  const cutting = parts('1) a\n2) b\n\n* c\n');
  assert.equal(reassemble(cutting, [fresh('1. A\n2. b', 0), fresh('- C\n  - d', 1)]), '1) A\n2) b\n\n* C\n  - d\n');
});
