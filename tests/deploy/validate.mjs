// SPDX-License-Identifier: MIT
//
// Reads CloudFormation templates with the CDK, which knows the type and the range of each property,
// and every reference. usage: node validate.mjs OUTPUT-FOLDER FILE...

import path from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';

const [outdir, ...files] = process.argv.slice(2);
const app = new App({
  outdir,
  context: { '@aws-cdk/core:validateAgainstDefaultRules': true }, // errors, not warnings
});
for (const templateFile of files) {
  try {
    const stack = new Stack(app, path.parse(templateFile).name);
    new CfnInclude(stack, 'Template', { templateFile });
    // It takes each parameter with "Secret" in its name for a secret.
    const reason = 'SecretName is a name';
    Validations.of(stack).acknowledge({ id: 'CloudFormation-Validate::W2509', reason });
  } catch (error) {
    console.log(`${templateFile}: ${error.message}`);
    process.exitCode = 1;
  }
}
if (!process.exitCode) {
  try {
    app.synth();
    console.log(`cdk: ${files.length} templates read`);
  } catch (error) {
    console.log(error.message);
    process.exitCode = 1;
  }
}
