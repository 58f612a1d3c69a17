<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit\Planted;

/** A stream wrapper to register; opens nothing. */
final class Wrapper
{
    /** @var ?resource set by PHP */
    public $context;
}
