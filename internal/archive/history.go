package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// History writes down, as an export, what an account has said in public, and gives the account's name. Its error is a *network.Problem, or of the writer.
type History func(ctx context.Context, address string, w io.Writer) (me string, err error)

// mostAddress bounds an address that a member types, in characters.
const mostAddress = 300

// ErrAddress: nothing was said, or too much.
var ErrAddress = fault.New(fault.Invalid, "archive.address")

// TakesAddresses tells whether public histories are read by an account's address.
func (x *Archives) TakesAddresses() bool { return x.rooms.History != nil }

// Collect has the public history of an account read and brought in, by its address; no account has to be connected. It needs ChannelsManage.
func (x *Archives) Collect(ctx context.Context, a team.Actor, address string) (u Upload, err error) {
	if err := a.May(team.ChannelsManage); err != nil {
		return u, err
	}
	address = strings.TrimSpace(address)
	if address == "" || utf8.RuneCountInString(address) > mostAddress || x.rooms.History == nil {
		return u, fmt.Errorf("archive.Collect: %w", ErrAddress)
	}
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err = x.open(ctx, tx, a, UploadIn{Name: address + ".car", Said: Said{From: address}})
		if err != nil {
			return err
		}
		u.State = Queued
		if err := x.saveUpload(ctx, tx, u); err != nil {
			return err
		}
		return x.rooms.Queue.Add(ctx, tx, bringJob{a.Company, u.ID}, queue.Options{Line: queue.Bring, Unique: true, MaxAttempts: 5})
	})
	if err != nil {
		return Upload{}, fmt.Errorf("archive.Collect: %w", err)
	}
	return u, nil
}

// uncollected is a history that could not be had.
type uncollected struct{ f *fault.Error }

// Error implements error.
func (u uncollected) Error() string { return u.f.Error() }

// Unwrap gives the fault.
func (u uncollected) Unwrap() error { return u.f }

// collect brings the public history of an upload to where its file lies, unless it is there; of any other it does nothing.
func (x *Archives) collect(ctx context.Context, by team.Actor, u *Upload) error {
	path := x.path(*u)
	if _, err := os.Stat(path); u.Said.From == "" || err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return disk(err)
	}
	part := filepath.Join(x.place(u.ID), "part~") // no file of an upload is called so
	me, err := x.writeDown(ctx, part, u.Said.From)
	if err != nil {
		if p, ok := errors.AsType[*network.Problem](err); ok {
			return uncollected{p.Fault()}
		}
		return disk(err)
	}
	if err := os.Rename(part, path); err != nil {
		return disk(err)
	}
	if u.Said.Me != "" {
		return nil
	}
	now, err := x.change(ctx, by, u.ID, func(_ context.Context, _ *store.Tx, u *Upload) error {
		if u.State != Reading {
			return errEnded
		}
		u.Said.Me = me
		return nil
	})
	if err == nil {
		*u = now
	}
	return err
}

func (x *Archives) writeDown(ctx context.Context, path, address string) (me string, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if me, err = x.rooms.History(ctx, address, f); err != nil {
		return "", err
	}
	return me, f.Sync()
}
