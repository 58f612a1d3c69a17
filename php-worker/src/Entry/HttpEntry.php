<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Entry;

use Phork\Context;

/** Takes the request from the superglobals and answers with header() and echo, as under php-fpm. */
interface HttpEntry extends Entry
{
    /** The request attribute that holds the Phork\Context, where requests have attributes. */
    public const CONTEXT_ATTRIBUTE = '_phork_context';

    public function serve(Context $context): void;
}
