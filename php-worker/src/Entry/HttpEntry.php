<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Entry;

use Phork\Context;

/** Reads the request from the superglobals and answers with header() and echo, as under php-fpm. */
interface HttpEntry extends Entry
{
    /** The attribute of a PSR-7 or Symfony request that holds the Phork\Context. */
    public const CONTEXT_ATTRIBUTE = '_phork_context';

    public function serve(Context $context): void;
}
