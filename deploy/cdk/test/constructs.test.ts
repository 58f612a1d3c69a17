// SPDX-License-Identifier: MIT

import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  HttpApplication,
  PhorkFunction,
  PhorkFunctionProps,
  PhorkImageFunction,
  PhorkLayer,
  QueueWorker,
  Site,
  Strategy,
} from '../lib';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'phork-cdk-'));
test.after(() => fs.rmSync(folder, { recursive: true }));
for (const name of ['layer', 'function']) {
  fs.writeFileSync(path.join(folder, `${name}.zip`), name);
}

function makeStack(): Stack {
  return new Stack(new App(), 'Test');
}

function makeFunction(stack: Stack, props: Partial<PhorkFunctionProps> = {}): PhorkFunction {
  const layer = new PhorkLayer(stack, 'Layer', { path: path.join(folder, 'layer.zip') });
  return new PhorkFunction(stack, 'Function', {
    path: path.join(folder, 'function.zip'),
    handler: 'index.php',
    layer,
    ...props,
  });
}

test('a function runs the handler on the layer', () => {
  const stack = makeStack();
  makeFunction(stack, { warmup: 'GET /', environment: { APP_ENV: 'prod' } });
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
    Runtime: 'provided.al2023',
    Architectures: ['x86_64'],
    Handler: 'index.php',
    MemorySize: 1769,
    Timeout: 29,
    LoggingConfig: { LogFormat: 'JSON' },
    Environment: { Variables: { PHORK_STRATEGY: 'fork', PHORK_WARMUP: 'GET /', APP_ENV: 'prod' } },
  });
});

test('without a rehearsal there is no PHORK_WARMUP', () => {
  const stack = makeStack();
  makeFunction(stack, { strategy: Strategy.INPROCESS });
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { PHORK_STRATEGY: 'inprocess', PHORK_WARMUP: Match.absent() } },
  });
});

test('the processor of the layer is that of its functions', () => {
  const stack = makeStack();
  const layer = new PhorkLayer(stack, 'Arm', {
    path: path.join(folder, 'layer.zip'),
    architecture: Architecture.ARM_64,
  });
  makeFunction(stack, { layer });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', { Architectures: ['arm64'] });
  template.hasResourceProperties('AWS::Lambda::LayerVersion', {
    CompatibleArchitectures: ['arm64'],
  });
});

test('a function may write to its own log and do nothing else', () => {
  const stack = makeStack();
  makeFunction(stack);
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  assert.equal(policies.length, 1);
  assert.deepEqual(policies[0].Properties.PolicyDocument.Statement, [
    {
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Effect: 'Allow',
      Resource: { 'Fn::GetAtt': [Object.keys(template.findResources('AWS::Logs::LogGroup'))[0], 'Arn'] },
    },
  ]);
});

test('secrets are named to the function, and it may read those', () => {
  const stack = makeStack();
  makeFunction(stack, { secretsPath: '/shop/prod', secretName: 'shop/api' });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: {
      Variables: { PHORK_SECRETS: 'ssm:/shop/prod,secretsmanager:shop/api' },
    },
  });
  const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
  const arn = (service: string, resource: string) => ({
    'Fn::Join': [
      '',
      [
        'arn:',
        { Ref: 'AWS::Partition' },
        `:${service}:`,
        { Ref: 'AWS::Region' },
        ':',
        { Ref: 'AWS::AccountId' },
        `:${resource}`,
      ],
    ],
  });
  assert.deepEqual(policy.Properties.PolicyDocument.Statement.slice(1), [
    {
      Action: 'ssm:GetParametersByPath',
      Effect: 'Allow',
      Resource: arn('ssm', 'parameter/shop/prod'),
    },
    {
      Action: 'secretsmanager:GetSecretValue',
      Effect: 'Allow',
      Resource: arn('secretsmanager', 'secret:shop/api-??????'),
    },
  ]);
});

test('a wildcard is no name of a secret', () => {
  for (const secrets of [{ secretsPath: '/shop/*' }, { secretName: 'shop/*' }]) {
    assert.throws(() => makeFunction(makeStack(), secrets), /^Error: secret.*: expected a .*, got/);
  }
});

test('an HTTP application calls the function for every request', () => {
  const stack = makeStack();
  new HttpApplication(stack, 'Application', { handler: makeFunction(stack) });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: '$default' });
  template.hasResourceProperties('AWS::ApiGatewayV2::Integration', { PayloadFormatVersion: '2.0' });
});

test('a worker reports the messages that failed, and its queue waits for six timeouts', () => {
  const stack = makeStack();
  const worker = makeFunction(stack, { timeout: Duration.seconds(20) });
  new QueueWorker(stack, 'Jobs', { worker, tries: 5 });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    BatchSize: 10,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
  template.hasResourceProperties('AWS::SQS::Queue', {
    VisibilityTimeout: 120,
    RedrivePolicy: { maxReceiveCount: 5 },
    SqsManagedSseEnabled: true,
  });
});

test('the alias of an image starts from a snapshot, unless it is told not to', () => {
  for (const snapStart of [undefined, false]) {
    const stack = makeStack();
    new PhorkImageFunction(stack, 'Function', {
      repository: ecr.Repository.fromRepositoryName(stack, 'Repository', 'shop'),
      tagOrDigest: '7',
      handler: 'phork.php',
      snapStart,
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      PackageType: 'Image',
      ImageConfig: { Command: ['phork.php'] },
      SnapStart: snapStart === false ? Match.absent() : { ApplyOn: 'PublishedVersions' },
    });
    template.hasResourceProperties('AWS::Lambda::Alias', { Name: 'live' });
  }
});

test('the bucket of a site is private, and only the distribution reads it', () => {
  const stack = makeStack();
  const application = new HttpApplication(stack, 'Application', { handler: makeFunction(stack) });
  new Site(stack, 'Site', { application });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::S3::Bucket', {
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Effect: 'Allow',
          Action: 's3:GetObject',
          Principal: { Service: 'cloudfront.amazonaws.com' },
          Condition: { StringEquals: { 'AWS:SourceArn': Match.anyValue() } },
        }),
      ]),
    },
  });
  template.resourceCountIs('AWS::CloudFront::OriginAccessControl', 1);
  template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: {
      CacheBehaviors: [Match.objectLike({ PathPattern: '/assets/*' })],
    },
  });
});
