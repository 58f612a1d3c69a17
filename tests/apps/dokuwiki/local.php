<?php
// SPDX-License-Identifier: MIT
//
// The settings that DokuWiki's installer writes: access control is on, pages are below APP_DATA.

$conf['title'] = 'Wiki';
$conf['savedir'] = getenv('APP_DATA') . '/data';
$conf['useacl'] = 1;
$conf['superuser'] = 'editor';
$conf['userewrite'] = 2; // names of pages in PATH_INFO
$conf['remote'] = 1;
$conf['remoteuser'] = '';
