<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'type' => 'TOKEN',
    'methodArn' => 'arn:aws:execute-api:eu-west-1:123456789012:ymy8tbxw7b/prod/GET/orders',
    'authorizationToken' => 'Bearer let-me-in',
];
