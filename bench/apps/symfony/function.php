<?php
// SPDX-License-Identifier: MIT
//
// The page of examples/symfony as a function that phork and Bref call alike: one kernel, booted
// once, which serves every event.

declare(strict_types=1);

use Symfony\Component\HttpFoundation\Request;

require __DIR__ . '/../../../examples/symfony/vendor/autoload.php';

$kernel = new App\Kernel('prod', false);
$kernel->boot();

return static function (array $event) use ($kernel): array {
    $request = Request::create(
        $event['rawPath'] . '?' . $event['rawQueryString'],
        $event['requestContext']['http']['method'],
    );
    $response = $kernel->handle($request);
    $kernel->terminate($request, $response);
    return [
        'statusCode' => $response->getStatusCode(),
        'headers' => array_map(current(...), $response->headers->all()),
        'body' => $response->getContent(),
    ];
};
