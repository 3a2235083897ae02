package extract

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/cabstand/cabstand/collectors/observable"
	"golang.org/x/crypto/sha3"
)

// Lengths of addresses: the shortest has leading zeros in Base58, the longest is the bound of
// Bech32.
const (
	shortestWallet = 26
	longestWallet  = 90
)

// wallet finds addresses of Bitcoin and Ethereum whose check sum is right.
func (s *scanner) wallet(start, end int) bool {
	text := s.out[start:end]
	if len(text) < shortestWallet || len(text) > longestWallet {
		return false
	}
	kind, value := "", string(text)
	switch {
	case len(text) == 42 && text[0] == '0' && text[1] == 'x' && isEthereum(value[2:]):
		kind = EthereumWallet
	case len(text) <= 35 && (text[0] == '1' || text[0] == '3') && isBase58(text):
		kind = BitcoinWallet
	case strings.EqualFold(value[:3], "bc1") && isBech32(value):
		kind, value = BitcoinWallet, strings.ToLower(value)
	default:
		return false
	}
	s.report(hit{kind: kind, value: value}, start, end)
	return true
}

// isBase58 judges an address in Base58Check: a version, 20 bytes of hash, and the first four
// bytes of the hash of these.
func isBase58(text []byte) bool {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	var raw [25]byte
	for _, c := range text {
		carry := strings.IndexByte(alphabet, c)
		if carry < 0 {
			return false
		}
		for i := len(raw) - 1; i >= 0; i-- {
			carry += 58 * int(raw[i])
			raw[i] = byte(carry)
			carry >>= 8
		}
		if carry != 0 {
			return false
		}
	}
	first := sha256.Sum256(raw[:21])
	second := sha256.Sum256(first[:])
	return (raw[0] == 0 || raw[0] == 5) && bytes.Equal(second[:4], raw[21:])
}

// isBech32 judges an address in Bech32 (BIP 173), or in Bech32m (BIP 350) from version 1 on.
func isBech32(text string) bool {
	const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	if text != strings.ToLower(text) && text != strings.ToUpper(text) {
		return false
	}
	sum := uint32(1)
	for _, five := range []uint32{'b' >> 5, 'c' >> 5, 0, 'b' & 31, 'c' & 31} {
		sum = polymod(sum, five)
	}
	data := strings.ToLower(text[3:])
	for i := range len(data) {
		five := strings.IndexByte(alphabet, data[i])
		if five < 0 {
			return false
		}
		sum = polymod(sum, uint32(five))
	}
	if data[0] == 'q' {
		return sum == 1
	}
	return sum == 0x2bc830a3
}

// polymod adds five bits to the check sum of BIP 173.
func polymod(sum, five uint32) uint32 {
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ five
	for i, generator := range [5]uint32{
		0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3,
	} {
		if top>>i&1 == 1 {
			sum ^= generator
		}
	}
	return sum
}

// isEthereum judges an address by the check sum that its letter case is (EIP-55). One in a
// single case has none.
func isEthereum(digits string) bool {
	lower := strings.ToLower(digits)
	if _, err := hex.DecodeString(lower); err != nil || !observable.LooksRandom(lower) {
		return false
	}
	if digits == lower || digits == strings.ToUpper(digits) {
		return true
	}
	keccak := sha3.NewLegacyKeccak256()
	keccak.Write([]byte(lower))
	sum := hex.EncodeToString(keccak.Sum(nil))
	for i := range len(digits) {
		if c := digits[i]; isLetter(c) && isUpper(c) != (sum[i] >= '8') {
			return false
		}
	}
	return true
}
