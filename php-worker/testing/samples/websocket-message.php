<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'requestContext' => [
        'routeKey' => '$default',
        'messageId' => 'fVwEReoaIAMAc5A=',
        'eventType' => 'MESSAGE',
        'extendedRequestId' => 'Fbmgh3TIoAMF9iA=',
        'requestTime' => '19/Jan/2023:16:10:40 +0000',
        'messageDirection' => 'IN',
        'stage' => 'prod',
        'connectedAt' => 1674144630000,
        'requestTimeEpoch' => 1674144640000,
        'identity' => ['sourceIp' => '192.0.2.1', 'userAgent' => 'example'],
        'requestId' => 'Fbmgh3TIoAMF9iA=',
        'domainName' => 'abcdef123.execute-api.eu-west-1.amazonaws.com',
        'connectionId' => 'fVwEReoaIAMCJnw=',
        'apiId' => 'abcdef123',
    ],
    'body' => '{"say": "hello"}',
    'isBase64Encoded' => false,
];
