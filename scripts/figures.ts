/** `npm run figures`: how large the source files are, and whether folders import each other in a circle. */
import { fileURLToPath } from 'node:url';
import { circles, largest, MAX_LINES, MAX_MEDIAN_LINES, medianLines, sourceFiles } from './figures/house.ts';

const files = sourceFiles(fileURLToPath(new URL('..', import.meta.url)));
const first = largest(files);
const over = files.filter(({ lines }) => lines > MAX_LINES);
const found = circles(files);

console.log(`${files.length} source files, ${files.reduce((sum, { lines }) => sum + lines, 0)} lines`);
console.log(`largest: ${first?.path} with ${first?.lines} lines`);
console.log(`median: ${medianLines(files)} lines (at most ${MAX_MEDIAN_LINES})`);
console.log(
  `over ${MAX_LINES} lines: ${over.map(({ path, lines }) => `${path} (${lines})`).join(', ') || 'none'}`,
);
console.log(`circles of imports between folders: ${found.length === 0 ? 'none' : found.length}`);
for (const circle of found)
  for (const { from, to, file, imported } of circle)
    console.log(`  ${from} → ${to}: ${file} imports ${imported}`);
