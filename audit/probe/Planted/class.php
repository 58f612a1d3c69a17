<?php
// SPDX-License-Identifier: MIT
//
// CodeKinds includes this file to plant a class.

declare(strict_types=1);

namespace Phork\Audit\Planted;

final class DeclaredClass
{
}
