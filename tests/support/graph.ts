/**
 * `make graph`: the import graph by room (import-graph.ts), as the layers test sees it.
 *
 * For each room its files, and how many imports lead to which room below; what leads back up is
 * marked, and listed; then every circle of files.
 */
import { circlesIn, importGraph, roomOf, rooms, upwardIn } from './import-graph.ts';
import { readSources } from './sources.ts';

const graph = importGraph(readSources());

for (const [i, { name, reason }] of rooms.entries()) {
  const files = [...graph].filter(([path]) => roomOf(path) === i);
  const counts = rooms.map((_, j) =>
    files.reduce((sum, [, to]) => sum + [...to].filter((path) => roomOf(path) === j).length, 0),
  );
  const arrows = counts.flatMap((count, j) => {
    if (count === 0 || j === i) return [];
    return [`${j > i ? '^ ' : ''}${rooms[j]?.name} ${count}`];
  });
  console.log(`${name}: ${files.length} files, ${counts[i]} imports among them; ${reason}`);
  console.log(`    ${arrows.join(', ') || 'imports no other room'}`);
}

const upward = upwardIn(graph);
console.log(`\n${upward.length} imports back up`);
for (const line of upward) console.log(`    ${line}`);

const circles = circlesIn(graph);
console.log(`\n${circles.length} circles`);
for (const circle of circles) console.log(`    ${circle.length} files: ${circle.join(' ')}`);
