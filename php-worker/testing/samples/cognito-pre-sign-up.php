<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'version' => '1',
    'triggerSource' => 'PreSignUp_SignUp',
    'region' => 'eu-west-1',
    'userPoolId' => 'eu-west-1_Example',
    'userName' => 'jane',
    'callerContext' => ['awsSdkVersion' => 'aws-sdk-unknown-unknown', 'clientId' => '1example23'],
    'request' => [
        'userAttributes' => ['email' => 'jane@example.com'],
        'validationData' => ['shop' => 'paris'],
    ],
    'response' => ['autoConfirmUser' => false, 'autoVerifyEmail' => false],
];
