<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

use Nyholm\Psr7\Response;
use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Server\RequestHandlerInterface;

return new class implements RequestHandlerInterface {
    public function handle(ServerRequestInterface $request): ResponseInterface
    {
        $told = [
            $request->getMethod(),
            $request->getUri()->getPath(),
            $request->getQueryParams(),
            $request->getCookieParams(),
            $request->getHeaders(),
            (string) $request->getBody(),
        ];

        return new Response(201, ['Set-Cookie' => ['a=1', 'b=2']], json_encode($told));
    }
};
