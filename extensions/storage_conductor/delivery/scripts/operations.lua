
local whole = 0
for _, each in ipairs(operations) do
  whole = whole + each.weight
end

function thread_init()
  connection = sysbench.sql.driver():connect()
end

function thread_done()
  connection:disconnect()
end

function event()
  local chance = sysbench.rand.uniform_double() * whole
  local chosen = operations[#operations]
  for _, each in ipairs(operations) do
    chance = chance - each.weight
    if chance < 0 then
      chosen = each
      break
    end
  end
  local values = {n = sysbench.rand.uniform(1, samples), m = sysbench.rand.uniform(1, samples)}
  for _, statement in ipairs(chosen.run) do
    connection:query((statement:gsub("{(%l)}", values)))
  end
end
