// Package sitetest is a web site for tests: a feed and a WordPress in memory, faults included.
package sitetest
