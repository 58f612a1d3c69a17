<?php
// SPDX-License-Identifier: MIT
?>
<!DOCTYPE html>
<html lang="{{ app()->getLocale() }}">
<head>
    <meta charset="utf-8">
    <title>Order</title>
</head>
<body>
    <p>Visit {{ $visits }}@if ($item), last order: {{ $item }}@endif</p>
    <form method="post" action="{{ url('/') }}">
        @csrf
        <label>Item <input name="item" required></label>
        <button>Order</button>
    </form>
</body>
</html>
