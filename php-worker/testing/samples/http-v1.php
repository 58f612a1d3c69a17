<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'version' => '1.0',
    'resource' => '/orders/{shop}',
    'path' => '/orders/paris',
    'httpMethod' => 'POST',
    'headers' => ['Content-Type' => 'application/json', 'Cookie' => 'session=1; theme=dark'],
    'multiValueHeaders' => [
        'Content-Type' => ['application/json'],
        'Cookie' => ['session=1; theme=dark'],
        'X-Shop' => ['paris', 'london'],
    ],
    'queryStringParameters' => ['tag' => 'c', 'page' => '2'],
    'multiValueQueryStringParameters' => ['tag' => ['a b', 'c'], 'page' => ['2']],
    'requestContext' => [
        'accountId' => '123456789012',
        'apiId' => 'id',
        'domainName' => 'id.execute-api.eu-west-1.amazonaws.com',
        'httpMethod' => 'POST',
        'identity' => ['sourceIp' => '192.0.2.1', 'userAgent' => 'example'],
        'path' => '/prod/orders/paris',
        'protocol' => 'HTTP/1.1',
        'requestId' => 'id=',
        'requestTimeEpoch' => 1583349317135,
        'resourcePath' => '/orders/{shop}',
        'stage' => 'prod',
    ],
    'pathParameters' => ['shop' => 'paris'],
    'stageVariables' => null,
    'body' => 'eyJudW1iZXIiOiAxfQ==',
    'isBase64Encoded' => true,
];
