<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit\Planted;

/** A stream wrapper to register; no stream uses it. */
final class Wrapper
{
    /** @var ?resource PHP sets it */
    public $context;
}
