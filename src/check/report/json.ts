import type { Advice, ProjectAnswer, Row } from '../answer/model.ts';
import { formatSpecifierSet } from '../versions/specifier.ts';
import type { Finding } from './findings.ts';

/** Changes when a field changes its meaning or goes away; docs/check.schema.json describes it. */
const format = 1;


function adviceJson({ target, python, isSilent, alternatives, elsewhere, build }: Advice): object {
  return { target: target.id, python, isSilent, ...alternatives, elsewhere, ...(build === undefined ? {} : { build }) };
}

function rowJson({ dependency, neededBy, cells, advice, notes }: Row): object {
  return {
    package: dependency.name, specifier: formatSpecifierSet(dependency.specifiers), group: dependency.group, place: dependency.place, neededBy,
    answers: cells.map(({ target, interpreter, answer }) => ({ target: target.id, python: interpreter.id, ...answer })),
    advice: advice.map(adviceJson), notes,
  };
}

export function jsonReport(answers: readonly ProjectAnswer[], findings: readonly Finding[]): string {
  const projects = answers.map(({ file, targets, interpreters, installer, rows }) => ({
    file, installer, targets: targets.map(({ id }) => id), pythons: interpreters.map(({ id }) => id), packages: rows.map(rowJson),
  }));
  return `${JSON.stringify({ format, projects, findings })}\n`;
}
