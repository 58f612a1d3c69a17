// SPDX-License-Identifier: MIT

import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Secrets, statementsOf } from './secrets';

/** A log that is kept for a month and goes with the stack. */
export function makeLog(scope: Construct): logs.LogGroup {
  return new logs.LogGroup(scope, 'Log', {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/**
 * A role that may write to this log, read these secrets and nothing else. CDK's own default,
 * AWSLambdaBasicExecutionRole, may write to every log group of the account.
 */
export function makeRole(scope: Construct, log: logs.ILogGroup, secrets: Secrets): iam.Role {
  const role = new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
  });
  log.grantWrite(role);
  for (const statement of statementsOf(scope, secrets)) role.addToPolicy(statement);
  return role;
}
