// SPDX-License-Identifier: MIT

import * as iam from 'aws-cdk-lib/aws-iam';
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** Secrets that become variables of the environment (docs/secrets.md). */
export interface Secrets {
  /** A path of Parameter Store, such as `/shop/prod`. @default none */
  readonly secretsPath?: string;
  /** The name of a secret of Secrets Manager, such as `shop/api`. @default none */
  readonly secretName?: string;
}

/** PHORK_SECRETS; empty for none. */
export function listOf({ secretsPath, secretName }: Secrets): string {
  return [
    ...(secretsPath ? [`ssm:${secretsPath}`] : []),
    ...(secretName ? [`secretsmanager:${secretName}`] : []),
  ].join(',');
}

/** Permissions for these secrets of the stack's account and region, and for nothing else. */
export function statementsOf(
  scope: Construct,
  { secretsPath, secretName }: Secrets,
): iam.PolicyStatement[] {
  const allow = (action: string, resource: string) =>
    new iam.PolicyStatement({
      actions: [action],
      resources: [
        Stack.of(scope).formatArn({
          service: action.split(':')[0],
          resource,
          arnFormat: ArnFormat.NO_RESOURCE_NAME,
        }),
      ],
    });
  const statements: iam.PolicyStatement[] = [];
  if (secretsPath) {
    check('secretsPath', 'a path such as /shop/prod', secretsPath, /^(\/[A-Za-z0-9_.-]+)+$/);
    statements.push(allow('ssm:GetParametersByPath', `parameter${secretsPath}`));
  }
  if (secretName) {
    check('secretName', 'a name such as shop/api', secretName, /^[A-Za-z0-9/_+=.@-]+$/);
    // Secrets Manager ends the ARN of each secret in six characters of its own.
    statements.push(allow('secretsmanager:GetSecretValue', `secret:${secretName}-??????`));
  }
  return statements;
}

// A wildcard would be a permission for more than one.
function check(property: string, expected: string, value: string, pattern: RegExp): void {
  if (!pattern.test(value)) throw new Error(`${property}: expected ${expected}, got '${value}'`);
}
