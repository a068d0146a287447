import { describe, expect, it } from 'vitest'
import { readDec, readRa, readRadius } from '@/sky/typed'

const value = (reading: ReturnType<typeof readRa>) => ('value' in reading ? Number(reading.value.toFixed(6)) : reading.fault)

describe('right ascension as typed', () => {
  it.each([
    ['83.6331', 83.6331], ['0', 0], ['360', 360], ['05:34:31.94', 83.633083], ['5h34m31.94s', 83.633083],
    ['05 34 31.94', 83.633083], ['5h 34.5m', 83.625], ['5:34', 83.5], ['83d37m59s', 83.633056], [' 12° ', 12],
    ['', 'empty'], ['M31', 'unreadable'], ['5:61:00', 'unreadable'], ['25:00:00', 'outside'], ['361', 'outside'], ['-1', 'outside'],
  ])('%s is %s', (text, expected) => {
    expect(value(readRa(text))).toBe(expected)
  })
})

describe('declination as typed', () => {
  it.each([
    ['22.0145', 22.0145], ['-29.0078', -29.0078], ['−29.0078', -29.0078], ['+22:00:52.2', 22.0145], ['-00 30 00', -0.5],
    ['22°00′52.2″', 22.0145], ['-29d0m28s', -29.007778], ['-5 30', -5.5], ['90', 90],
    ['', 'empty'], ['91', 'outside'], ['north', 'unreadable'], ['5h30m', 'unreadable'],
  ])('%s is %s', (text, expected) => {
    expect(value(readDec(text))).toBe(expected)
  })
})

describe('a radius as typed', () => {
  it.each([
    ['2', 2], ['2.5 deg', 2.5], ["30'", 0.5], ['30 arcmin', 0.5], ['90"', 0.025], ['0', 0], ['180', 180],
    ['181', 'outside'], ['-1', 'outside'], ['', 'empty'], ['wide', 'unreadable'], ['.', 'unreadable'],
  ])('%s is %s', (text, expected) => {
    expect(value(readRadius(text))).toBe(expected)
  })
})
