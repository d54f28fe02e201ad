package archive

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"io"
	"strings"
)

// carBlocks reads a CAR file, version 1 (https://ipld.io/specs/transport/car/carv1/), and gives its blocks one after another. Each block
// is compared with the hash in its own name.
func carBlocks(s *scan, f file, got func(id link, block []byte) error) (roots []link, err error) {
	in := bufio.NewReaderSize(f.r, 64<<10)
	broken := func(err error) error {
		return spoiled(f.place, errors.Join(errors.New("archive: not a CAR file"), err))
	}
	head, err := carSection(s, f, in)
	if err != nil {
		return nil, broken(err)
	}
	v, err := decodeCBOR(head)
	m, ok := v.(map[string]any)
	if err != nil || !ok || m["version"] != int64(1) {
		return nil, broken(err)
	}
	list, _ := m["roots"].([]any)
	for _, r := range list {
		if id, ok := r.(link); ok {
			roots = append(roots, id)
		}
	}
	for {
		section, err := carSection(s, f, in)
		if errors.Is(err, io.EOF) {
			return roots, nil
		}
		if err != nil {
			return nil, broken(err)
		}
		id, block, ok := splitBlock(section)
		if !ok {
			return nil, broken(nil)
		}
		if err := got(id, block); err != nil {
			return nil, err
		}
	}
}

// carSection reads one section; io.EOF only where the file may end.
func carSection(s *scan, f file, in *bufio.Reader) ([]byte, error) {
	n, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, err // a broken number is io.ErrUnexpectedEOF
	}
	if n > uint64(s.Limits.Piece) {
		return nil, ErrPiece.With("file", f.place)
	}
	var b bytes.Buffer // grows as bytes really come
	if _, err := io.CopyN(&b, in, int64(n)); err != nil {
		return nil, errors.Join(io.ErrUnexpectedEOF, noEOF(err))
	}
	return b.Bytes(), nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// splitBlock divides a section into the block's name and its bytes: a CID of version 1 with SHA-256, as repositories have it.
func splitBlock(b []byte) (link, []byte, bool) {
	// version, codec (dag-cbor or raw), sha2-256, 32 bytes
	if len(b) < 36 || b[0] != 1 || b[1] != 0x71 && b[1] != 0x55 || b[2] != 0x12 || b[3] != 32 {
		return "", nil, false
	}
	block := b[36:]
	sum := sha256.Sum256(block)
	return link(b[:36]), block, bytes.Equal(sum[:], b[4:36])
}

var base32Lower = base32.StdEncoding.WithPadding(base32.NoPadding)

// String writes a CID as the network does.
func (l link) String() string { return "b" + strings.ToLower(base32Lower.EncodeToString([]byte(l))) }
