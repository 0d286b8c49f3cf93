/**
 * Builds assets/ into reviewflow/web/static/. The result is committed, so that
 * nobody needs Node to install reviewflow. With --check nothing is written: the
 * command fails if the committed files are not what the sources give.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '..', 'reviewflow', 'web', 'static');
const files = new Map();

const FONTS = ['latin', 'cyrillic', 'cyrillic-ext'].flatMap((subset) => [
  ['noto-serif', `noto-serif-${subset}-wght-normal.woff2`],
  ['noto-serif', `noto-serif-${subset}-wght-italic.woff2`],
  ['noto-sans', `noto-sans-${subset}-wght-normal.woff2`],
]);

const options = {
  absWorkingDir: here, bundle: true, minify: true, write: false, metafile: true,
  legalComments: 'none', charset: 'utf8', logLevel: 'warning', outdir: 'out',
};
const [styles, scripts] = await Promise.all([
  build({ ...options, target: 'esnext', entryPoints: { reviewflow: 'css/reviewflow.css' }, external: ['*.woff2'] }),
  build({ ...options, target: 'es2022', format: 'iife', entryPoints: { app: 'js/app.js', site: 'js/site.js', editor: 'editor/editor.js', verify: 'js/verify.js', passkeys: 'js/passkeys.js' },
    define: { 'process.env.NODE_ENV': '"production"', __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' } }),
]);
for (const { path, contents } of [...styles.outputFiles, ...scripts.outputFiles]) {
  files.set(relative(join(here, 'out'), path), Buffer.from(contents));
}

for (const [family, file] of FONTS) {
  files.set(`fonts/${file}`, readFileSync(join(here, 'node_modules', '@fontsource-variable', family, 'files', file)));
}
for (const family of ['noto-serif', 'noto-sans']) {
  files.set(`fonts/OFL-${family}.txt`, readFileSync(join(here, 'node_modules', '@fontsource-variable', family, 'LICENSE')));
}
files.set('favicon.svg', readFileSync(join(here, 'img', 'favicon.svg')));

/* Licences of what is really in the bundles, asked of the bundler. */
const packages = new Map();
for (const input of Object.keys(scripts.metafile.outputs).flatMap((o) => Object.entries(scripts.metafile.outputs[o].inputs).filter(([, i]) => i.bytesInOutput > 0).map(([p]) => p))) {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.split(sep).join('/'));
  if (found) packages.set(found[1], JSON.parse(readFileSync(join(here, found[1], 'package.json'), 'utf8')));
}
for (const family of ['noto-sans', 'noto-serif']) {
  const path = `node_modules/@fontsource-variable/${family}`;
  packages.set(path, JSON.parse(readFileSync(join(here, path, 'package.json'), 'utf8')));
}
const texts = new Map();
const missing = [];
for (const [path, { name, version, license, author }] of [...packages].sort(([, a], [, b]) => (a.name < b.name ? -1 : 1))) {
  const file = readdirSync(join(here, path)).find((f) => /^licen[cs]e/i.test(f));
  let text = file ? readFileSync(join(here, path, file), 'utf8').replace(/\r\n/g, '\n').trim() : null;
  if (!text) {
    const own = join(here, 'licenses', `${name.replace(/[@/]/g, '_')}.txt`);
    if (existsSync(own)) text = readFileSync(own, 'utf8').trim();
    else { missing.push(`${name} ${version} ${license} ${JSON.stringify(author ?? '')}`); continue; }
  }
  if (!texts.has(text)) texts.set(text, []);
  texts.get(text).push(`${name} ${version} (${typeof license === 'string' ? license : 'see below'})`);
}
if (missing.length > 0) throw new Error(`no licence text for: ${missing.join('; ')}`);
files.set('LICENSES.txt', Buffer.from(
  'Third-party software and fonts in the files of this folder, with their licences.\n' +
  'The style sheet, app.js, site.js, verify.js, passkeys.js and the rest of editor.js are reviewflow\'s own (MIT).\n' +
  [...texts].map(([text, names]) => `\n${'='.repeat(78)}\n\n${names.join('\n')}\n\n${text}\n`).join('')));

files.set('ASSETS.sha256', Buffer.from([...files].sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([path, data]) => `${createHash('sha256').update(data).digest('hex')}  ${path.split(sep).join('/')}\n`).join('')));

if (process.argv.includes('--check')) {
  const stale = [...files].filter(([path, data]) => !existsSync(join(target, path)) || !readFileSync(join(target, path)).equals(data)).map(([path]) => path);
  if (stale.length > 0) {
    console.error(`Not what the sources give (run "npm run build"): ${stale.join(', ')}`);
    process.exit(1);
  }
  console.log(`${files.size} files are up to date.`);
} else {
  rmSync(join(target, 'fonts'), { recursive: true, force: true });
  for (const [path, data] of files) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), data);
    console.log(`${String(data.length).padStart(8)}  ${path}`);
  }
}
