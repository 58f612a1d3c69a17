<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Worker;

use RuntimeException;

/** JSON cannot hold the result. The message has the path of the value, never the value. */
final class InvalidResult extends RuntimeException
{
}
