<?php
// SPDX-License-Identifier: MIT
//
// The page of examples/symfony as a script, which php-fpm can run under phork and under Bref.

declare(strict_types=1);

use Symfony\Component\HttpFoundation\Request;

require __DIR__ . '/../../../examples/symfony/vendor/autoload.php';

$kernel = new App\Kernel('prod', false);
$request = Request::createFromGlobals();
$response = $kernel->handle($request);
$response->send();
$kernel->terminate($request, $response);
