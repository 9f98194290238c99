// Shapes that the server answers with, for those who read the page's code and their editors; no browser fetches this.

/**
 * @typedef {{rule: string, severity: "error"|"warning"|"information", message: string, mend?: string, field?: string|null}} Problem
 * @typedef {{place: string, message: string, mend?: string, field?: string, label?: string}} InvalidInput
 * @typedef {{document?: string|null, path?: string|null, device?: string|null, received?: string|null,
 *   received_unit?: string|null, rule?: string|null, criteria?: string|null, flags?: string[]}} Source
 * @typedef {{value: string|boolean|string[]|null, unit: string|null, text: string, absent?: string|null,
 *   provenance: string, source: Source|null, covered?: ValueView|null}} ValueView
 * @typedef {{decision: string, criteria: string|null, rule: number|null, inputs: Record<string, string>,
 *   unknown: string[], text: string}} Explanation
 * @typedef {{id: string, version: number, status: string, language: string, template: any, patient: any, study: any,
 *   viewer: string|null, trial?: boolean, viewer_image?: string|null, actions: string[], alerts: Problem[], acknowledged: any[], signatures: any[], addenda: any[], revision: any, reason: string, shape: string, form_changed?: boolean, values: Record<string, ValueView>, explanations: Record<string, Explanation>,
 *   irrelevant: string[], required: string[], criteria: string[], problems: Problem[], unmatched: any[],
 *   ambiguous: any[], signed_by: string|null, signed_at: string|null}} ReportView
 * @typedef {{report: string, version: number, shape: string, title: string, translations: Record<string, string>,
 *   fields: any[], html: string}} FormView
 * @typedef {{field: string, value?: any, unit?: string, language?: string, revert?: boolean, document?: string|null, path?: string}} Edit
 */

export {};
