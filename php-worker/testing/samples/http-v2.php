<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'version' => '2.0',
    'routeKey' => 'POST /orders/{shop}',
    'rawPath' => '/orders/paris',
    'rawQueryString' => 'tag=a%20b&tag=c&page=2',
    'cookies' => ['session=1', 'theme=dark'],
    'headers' => ['content-type' => 'application/json', 'x-shop' => 'paris,london'],
    'queryStringParameters' => ['tag' => 'a b,c', 'page' => '2'],
    'requestContext' => [
        'accountId' => '123456789012',
        'apiId' => 'r3pmxmplak',
        'domainName' => 'r3pmxmplak.execute-api.eu-west-1.amazonaws.com',
        'domainPrefix' => 'r3pmxmplak',
        'http' => [
            'method' => 'POST',
            'path' => '/orders/paris',
            'protocol' => 'HTTP/1.1',
            'sourceIp' => '192.0.2.1',
            'userAgent' => 'example',
        ],
        'requestId' => 'JKJaXmPLvHcESHA=',
        'routeKey' => 'POST /orders/{shop}',
        'stage' => '$default',
        'time' => '10/Mar/2020:05:16:23 +0000',
        'timeEpoch' => 1583817383220,
    ],
    'body' => '{"number": 1}',
    'pathParameters' => ['shop' => 'paris'],
    'isBase64Encoded' => false,
    'stageVariables' => ['colour' => 'blue'],
];
