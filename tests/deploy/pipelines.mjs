// SPDX-License-Identifier: MIT
//
// Reads a workflow of GitHub with GitHub's own parser. usage: node pipelines.mjs FILE

import { readFileSync } from 'node:fs';
import { register } from 'node:module';

// The parser imports JSON without saying so, which bundlers allow and Node.js does not.
register(
  'data:text/javascript,' +
    encodeURIComponent(`export const load = (url, context, next) =>
      next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context);`),
);
const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } = await import(
  '@actions/workflow-parser'
);

const [name] = process.argv.slice(2);
const content = readFileSync(name, 'utf8');
const parsed = parseWorkflow({ name, content }, new NoOperationTraceWriter());
const workflow = await convertWorkflowTemplate(parsed.context, parsed.value);
for (const error of workflow.errors ?? []) console.log(error.Message);
if (workflow.errors || workflow.jobs.length === 0) process.exit(1);
console.log(`${name}: ${workflow.jobs.length} jobs read by GitHub's parser`);
