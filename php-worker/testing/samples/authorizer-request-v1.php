<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'type' => 'REQUEST',
    'methodArn' => 'arn:aws:execute-api:eu-west-1:123456789012:ymy8tbxw7b/prod/GET/orders',
    'resource' => '/orders',
    'path' => '/orders',
    'httpMethod' => 'GET',
    'headers' => ['Authorization' => 'Bearer let-me-in', 'Cookie' => 'session=1'],
    'multiValueHeaders' => [
        'Authorization' => ['Bearer let-me-in'],
        'Cookie' => ['session=1'],
    ],
    'queryStringParameters' => ['page' => '2'],
    'multiValueQueryStringParameters' => ['page' => ['2']],
    'pathParameters' => [],
    'stageVariables' => ['colour' => 'blue'],
    'requestContext' => [
        'accountId' => '123456789012',
        'apiId' => 'ymy8tbxw7b',
        'httpMethod' => 'GET',
        'identity' => ['sourceIp' => '192.0.2.1'],
        'path' => '/prod/orders',
        'requestId' => 'id=',
        'stage' => 'prod',
    ],
];
