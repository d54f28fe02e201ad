// Package networktest acts as a network in tests, and checks that a connector keeps the promises of the contract.
package networktest
