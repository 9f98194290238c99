// Reads DMN files with dmn-moddle and prints for each, as one line of JSON, what elements it found and what it minded.
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(process.argv[2] + '/'));
const { DmnModdle } = await import(pathToFileURL(require.resolve('dmn-moddle')));

const INPUT = 'dmn:InputData';

function table(found) {
  return {
    policy: found.hitPolicy ?? 'UNIQUE',
    inputs: (found.input ?? []).map((one) => one.inputExpression?.text ?? null),
    outputs: (found.output ?? []).map((one) => one.name ?? null),
    rules: (found.rule ?? []).map((rule) => [
      (rule.inputEntry ?? []).map((cell) => cell.text),
      (rule.outputEntry ?? []).map((cell) => cell.text),
    ]),
  };
}

function logic(element) {
  const found = element.decisionLogic ?? element.encapsulatedLogic?.body;
  return found?.$type === 'dmn:DecisionTable' ? table(found) : found?.$type === 'dmn:LiteralExpression' ? found.text : null;
}

function element(found) {
  const required = [...(found.informationRequirement ?? []), ...(found.knowledgeRequirement ?? [])];
  return {
    type: found.$type,
    id: found.id,
    name: found.name,
    requires: required.map((one) => (one.requiredInput ?? one.requiredDecision ?? one.requiredKnowledge)?.href).sort(),
    logic: found.$type === INPUT ? null : logic(found),
  };
}

for await (const file of createInterface({ input: process.stdin })) {
  const answer = { file };
  try {
    const { rootElement, warnings } = await new DmnModdle().fromXML(await readFile(file, 'utf8'));
    answer.name = rootElement.name;
    answer.items = (rootElement.itemDefinition ?? []).map((one) => one.name);
    answer.elements = (rootElement.drgElement ?? []).map(element);
    answer.warnings = warnings.map((one) => one.message);
  } catch (error) {
    answer.error = error.message;
  }
  console.log(JSON.stringify(answer));
}
