<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'version' => '2.0',
    'type' => 'REQUEST',
    'routeArn' => 'arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod/GET/orders',
    'identitySource' => ['Bearer let-me-in'],
    'routeKey' => 'GET /orders',
    'rawPath' => '/orders',
    'rawQueryString' => 'page=2',
    'cookies' => ['session=1'],
    'headers' => ['authorization' => 'Bearer let-me-in'],
    'queryStringParameters' => ['page' => '2'],
    'requestContext' => [
        'accountId' => '123456789012',
        'apiId' => 'abcdef123',
        'http' => [
            'method' => 'GET',
            'path' => '/orders',
            'protocol' => 'HTTP/1.1',
            'sourceIp' => '192.0.2.1',
            'userAgent' => 'example',
        ],
        'requestId' => 'id',
        'routeKey' => 'GET /orders',
        'stage' => 'prod',
    ],
    'stageVariables' => ['colour' => 'blue'],
];
