<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'headers' => ['Host' => 'abcdef123.execute-api.eu-west-1.amazonaws.com'],
    'multiValueHeaders' => ['Host' => ['abcdef123.execute-api.eu-west-1.amazonaws.com']],
    'requestContext' => [
        'routeKey' => '$disconnect',
        'disconnectStatusCode' => 1000,
        'eventType' => 'DISCONNECT',
        'extendedRequestId' => 'Fbmgi3TIoAMF9iA=',
        'requestTime' => '19/Jan/2023:16:10:50 +0000',
        'messageDirection' => 'IN',
        'disconnectReason' => 'Client-side close frame status not set',
        'stage' => 'prod',
        'connectedAt' => 1674144630000,
        'requestTimeEpoch' => 1674144650000,
        'identity' => ['sourceIp' => '192.0.2.1', 'userAgent' => 'example'],
        'requestId' => 'Fbmgi3TIoAMF9iA=',
        'domainName' => 'abcdef123.execute-api.eu-west-1.amazonaws.com',
        'connectionId' => 'fVwEReoaIAMCJnw=',
        'apiId' => 'abcdef123',
    ],
    'isBase64Encoded' => false,
];
