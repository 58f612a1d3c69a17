<?php
// SPDX-License-Identifier: MIT
//
// A PSR-15 request handler, such as an application of Slim or Mezzio. Its requests are made with
// the PSR-17 factories that the application has installed. https://www.php-fig.org/psr/psr-15/

declare(strict_types=1);

namespace Phork\Entry;

use Phork\Context;
use Phork\Psr\Psr17Factories;
use Phork\Psr\RequestFromGlobals;
use Phork\Psr\ResponseEmitter;
use Psr\Http\Server\RequestHandlerInterface;

final readonly class Psr15Entry implements HttpEntry
{
    private function __construct(
        private RequestHandlerInterface $handler,
        private RequestFromGlobals $request,
        private ResponseEmitter $emitter = new ResponseEmitter(),
    ) {
    }

    public static function from(mixed $returned): ?static
    {
        return $returned instanceof RequestHandlerInterface
            ? new self($returned, new RequestFromGlobals(Psr17Factories::installed()))
            : null;
    }

    public function serve(Context $context): void
    {
        $request = $this->request->make()->withAttribute(self::CONTEXT_ATTRIBUTE, $context);
        $response = $this->handler->handle($request);
        $this->emitter->emit($response, withBody: $request->getMethod() !== 'HEAD');
    }
}
