<?php
// SPDX-License-Identifier: MIT
//
// The application, and the entry of phork: it returns the PSR-15 handler of requests.

declare(strict_types=1);

use Psr\Http\Message\ResponseInterface as Response;
use Psr\Http\Message\ServerRequestInterface as Request;
use Slim\Factory\AppFactory;

require __DIR__ . '/vendor/autoload.php';

$json = static function (Response $response, array $value, int $status = 200): Response {
    $response->getBody()->write(json_encode($value, JSON_THROW_ON_ERROR));

    return $response->withStatus($status)->withHeader('Content-Type', 'application/json');
};

$app = AppFactory::create();
$app->addBodyParsingMiddleware();
$app->addRoutingMiddleware();
$app->addErrorMiddleware(displayErrorDetails: false, logErrors: true, logErrorDetails: true);

$app->get('/', static function (Request $request, Response $response): Response {
    $response->getBody()->write(file_get_contents(__DIR__ . '/order.html'));

    return $response->withHeader('Content-Type', 'text/html; charset=utf-8');
});

$app->get('/hello/{name}', static function (
    Request $request,
    Response $response,
    array $arguments,
) use ($json): Response {
    $times = (int) ($request->getQueryParams()['times'] ?? 1);

    return $json($response, [
        'greeting' => implode(' ', array_fill(0, $times, "Hello, {$arguments['name']}!")),
        'uri' => (string) $request->getUri(),
    ]);
});

// The form of order.html. Two cookies remember the order.
$app->post('/orders', static function (Request $request, Response $response) use ($json): Response {
    ['item' => $item, 'quantity' => $quantity] = $request->getParsedBody();
    $response = $response
        ->withAddedHeader('Set-Cookie', 'item=' . rawurlencode($item) . '; Path=/')
        ->withAddedHeader('Set-Cookie', 'quantity=' . (int) $quantity . '; Path=/');

    return $json($response, ['item' => $item, 'quantity' => (int) $quantity], 201);
});

$app->put('/orders/{id}', static function (
    Request $request,
    Response $response,
    array $arguments,
) use ($json): Response {
    return $json($response, ['id' => (int) $arguments['id']] + $request->getParsedBody());
});

$app->post('/receipts', static function (
    Request $request,
    Response $response,
) use ($json): Response {
    $file = $request->getUploadedFiles()['receipt'];

    return $json($response, [
        'name' => $file->getClientFilename(),
        'type' => $file->getClientMediaType(),
        'bytes' => $file->getSize(),
        'sha1' => sha1((string) $file->getStream()),
    ]);
});

$app->get('/broken', static function (): never {
    throw new DomainException('this route is broken on purpose');
});

return $app;
