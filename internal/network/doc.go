// Package network is the contract every network fulfils; it keeps the company's channels in health.
package network
