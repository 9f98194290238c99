// Times feelin on one condition in a loop of its own: {"expression", "values", "rounds"} in, seconds per round out.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { evaluate } = await import(pathToFileURL(createRequire(import.meta.url).resolve('feelin')));
const { expression, values, rounds } = JSON.parse(process.argv[2]);
const run = () => evaluate(expression, values);
const answer = run().value;
let best = Infinity;
for (let repeat = 0; repeat < 5; repeat += 1) {
  const begin = process.hrtime.bigint();
  for (let round = 0; round < rounds; round += 1) run();
  best = Math.min(best, Number(process.hrtime.bigint() - begin) / 1e9 / rounds);
}
console.log(JSON.stringify({ answer, seconds: best }));
