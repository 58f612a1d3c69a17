<?php
// SPDX-License-Identifier: MIT

function index($data)
{
    return "Hello, {$data['name']}!";
}
