<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'headers' => ['Host' => 'abcdef123.execute-api.eu-west-1.amazonaws.com', 'X-Room' => 'blue'],
    'multiValueHeaders' => [
        'Host' => ['abcdef123.execute-api.eu-west-1.amazonaws.com'],
        'X-Room' => ['blue'],
    ],
    'queryStringParameters' => ['room' => 'blue'],
    'multiValueQueryStringParameters' => ['room' => ['blue']],
    'requestContext' => [
        'routeKey' => '$connect',
        'eventType' => 'CONNECT',
        'extendedRequestId' => 'Fbmge3TIoAMF9iA=',
        'requestTime' => '19/Jan/2023:16:10:30 +0000',
        'messageDirection' => 'IN',
        'stage' => 'prod',
        'connectedAt' => 1674144630000,
        'requestTimeEpoch' => 1674144630002,
        'identity' => ['sourceIp' => '192.0.2.1', 'userAgent' => 'example'],
        'requestId' => 'Fbmge3TIoAMF9iA=',
        'domainName' => 'abcdef123.execute-api.eu-west-1.amazonaws.com',
        'connectionId' => 'fVwEReoaIAMCJnw=',
        'apiId' => 'abcdef123',
    ],
    'isBase64Encoded' => false,
];
