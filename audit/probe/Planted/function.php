<?php
// SPDX-License-Identifier: MIT
//
// CodeKinds includes this file to plant a function.

declare(strict_types=1);

namespace Phork\Audit\Planted;

function declared_function(): void
{
}
