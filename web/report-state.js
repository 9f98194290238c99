// What a report says, and what becomes of that with an answer of the server. It knows nothing of the page.

/** Whether a report can still be written in. @param {import("./types.js").ReportView} report */
export const isOpen = (report) => ["partial", "preliminary"].includes(report.status);

/** Whether two values are the same, however they are built. */
export const equal = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** What a field says: its value and how it came to be. @param {import("./types.js").ValueView|null|undefined} view */
export const says = (view) => (view ? [view.value, view.unit, view.provenance] : null);

/** The fields that say something else. @param {Record<string, any>} before @param {Record<string, any>} after */
export const differing = (before, after) =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !equal(says(before[key]), says(after[key])));

/** How far it has come: what the bar and the lines above the form say. @param {import("./types.js").ReportView} report */
export const standing = ({ status, signatures }) => JSON.stringify([status, signatures]);

/** The report after an edit, of which the answer says what has changed. @param {import("./types.js").ReportView} report @param {any} changes */
export function afterChanges(report, changes) {
  const { version, changed, explanations, unmatched, ambiguous, ...whole } = changes;
  return {
    ...report, ...whole, version,
    values: merged(report.values, changed),
    explanations: merged(report.explanations, explanations),
    unmatched: unmatched ?? report.unmatched,
    ambiguous: ambiguous ?? report.ambiguous,
  };
}

/**
 * Whether what changed follows from one edit alone. Not where it came again because its answer was lost, and others
 * changed the report meanwhile; nor where a signature went. @param {any} changes @param {any} before @param {string} field of the edit
 */
export const tellsAll = (changes, { version, status }, field) =>
  changes.version === version || (changes.version === version + 1 && changes.status === status && field in changes.changed
    && !Object.entries(changes.changed).some(([key, one]) => key !== field && one?.provenance === "typed")); // of a program that sent the same, and more

function merged(before, changed) {
  return Object.fromEntries(Object.entries({ ...before, ...changed }).filter(([, value]) => value !== null));
}
