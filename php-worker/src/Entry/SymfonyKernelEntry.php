<?php
// SPDX-License-Identifier: MIT
//
// A Symfony application, or anything else that implements HttpKernelInterface. A full kernel is
// booted with the worker, so that no event waits for the container. send() completes the answer
// (it calls fastcgi_finish_request), so the caller does not wait for terminate().

declare(strict_types=1);

namespace Phork\Entry;

use Phork\Context;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpKernel\HttpKernelInterface;
use Symfony\Component\HttpKernel\KernelInterface;
use Symfony\Component\HttpKernel\TerminableInterface;

final readonly class SymfonyKernelEntry implements HttpEntry
{
    private function __construct(private HttpKernelInterface $kernel)
    {
    }

    public static function from(mixed $returned): ?static
    {
        if (!$returned instanceof HttpKernelInterface) {
            return null;
        }
        if ($returned instanceof KernelInterface) {
            $returned->boot();
        }

        return new self($returned);
    }

    public function serve(Context $context): void
    {
        $request = Request::createFromGlobals();
        $request->attributes->set(self::CONTEXT_ATTRIBUTE, $context);
        $response = $this->kernel->handle($request);
        $response->send();
        if ($this->kernel instanceof TerminableInterface) {
            $this->kernel->terminate($request, $response);
        }
    }
}
