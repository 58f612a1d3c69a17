<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Worker;

use RuntimeException;

/** The handler returned something JSON cannot hold. The message names where, never the value. */
final class InvalidResult extends RuntimeException
{
}
