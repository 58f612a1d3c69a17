<?php
// SPDX-License-Identifier: MIT
//
// Entries that code has written into the superglobals, and state that only a client can change.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Generator;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kind;

final class SuperglobalKinds implements Family
{
    public function group(): Group
    {
        return Group::Http;
    }

    public function kinds(): iterable
    {
        yield from $this->fromTheRequest();
        yield new Kind(
            'server-superglobal',
            'an entry of $_SERVER',
            static fn () => $_SERVER['PHORK_AUDIT'] ?? null,
            static fn () => $_SERVER['PHORK_AUDIT'] = 'planted',
        );
        yield new Kind(
            'env-superglobal',
            'an entry of $_ENV',
            static fn () => $_ENV['PHORK_AUDIT'] ?? null,
            static fn () => $_ENV['PHORK_AUDIT'] = 'planted',
        );
        yield Kind::unavailable(
            'uploaded-file',
            'an uploaded file',
            'needs a request with a file, and the audit sends none',
        );
        yield Kind::unavailable(
            'connection-status',
            'connection_status()',
            'needs a client that goes away',
        );
    }

    private function fromTheRequest(): Generator
    {
        yield new Kind(
            'get-superglobal',
            'an entry of $_GET',
            static fn () => $_GET['phork-audit'] ?? null,
            static fn () => $_GET['phork-audit'] = 'planted',
        );
        yield new Kind(
            'post-superglobal',
            'an entry of $_POST',
            static fn () => $_POST['phork-audit'] ?? null,
            static fn () => $_POST['phork-audit'] = 'planted',
        );
        yield new Kind(
            'cookie-superglobal',
            'an entry of $_COOKIE',
            static fn () => $_COOKIE['phork-audit'] ?? null,
            static fn () => $_COOKIE['phork-audit'] = 'planted',
        );
        yield new Kind(
            'files-superglobal',
            'an entry of $_FILES',
            static fn () => $_FILES['phork-audit'] ?? null,
            static fn () => $_FILES['phork-audit'] = ['name' => 'planted'],
        );
        yield new Kind(
            'request-superglobal',
            'an entry of $_REQUEST',
            static fn () => $_REQUEST['phork-audit'] ?? null,
            static fn () => $_REQUEST['phork-audit'] = 'planted',
        );
    }
}
